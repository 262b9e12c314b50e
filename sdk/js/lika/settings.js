// Settings: what a county may vary without a programmer.

/** A setting with its default: a whole number (with bounds) or true/false. */
export class Setting {
  constructor(key, { default: initial, zh, en, min, max }) {
    Object.assign(this, { key, initial, zh, en, min, max });
  }

  get isFlag() {
    return typeof this.initial === "boolean";
  }

  takes(value) {
    if (this.isFlag) return typeof value === "boolean";
    return (
      Number.isSafeInteger(value) &&
      (this.min === undefined || value >= this.min) &&
      (this.max === undefined || value <= this.max)
    );
  }

  schema() {
    return {
      type: this.isFlag ? "boolean" : "integer",
      title: this.zh,
      description: this.en,
      default: this.initial,
      minimum: this.min,
      maximum: this.max,
    };
  }
}

/** The JSON Schema of these settings. */
export function schema(settings) {
  return JSON.stringify({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    additionalProperties: false,
    properties: Object.fromEntries(settings.map((setting) => [setting.key, setting.schema()])),
  });
}

/** The values by key, and the faults; no fault means that the values hold. */
export function parse(settings, text) {
  const fault = (path, zh, en) => ({ path, zh, en });
  let given;
  try {
    given = JSON.parse(text);
  } catch (error) {
    return { values: {}, faults: [fault("", `不是 JSON：${error.message}`, `not JSON: ${error.message}`)] };
  }
  if (given === null || typeof given !== "object" || Array.isArray(given)) {
    return { values: {}, faults: [fault("", "设置必须是一个 JSON 对象", "settings must be a JSON object")] };
  }
  const known = new Set(settings.map((setting) => setting.key));
  const unknown = Object.keys(given).filter((key) => !known.has(key));
  const faults = unknown.map((key) => fault(key, "没有这项设置", "there is no such setting"));
  const values = {};
  for (const setting of settings) {
    const value = Object.hasOwn(given, setting.key) ? given[setting.key] : setting.initial;
    if (setting.takes(value)) {
      values[setting.key] = value;
    } else if (setting.isFlag) {
      faults.push(fault(setting.key, "应为true 或 false", "must be true or false"));
    } else {
      faults.push(fault(setting.key, "应为范围内的整数", "must be an integer within its bounds"));
    }
  }
  return { values, faults };
}

/** The values, or an error that says every fault. */
export function require(settings, text) {
  const { values, faults } = parse(settings, text);
  if (faults.length > 0) throw new Error(faults.map(({ path, en }) => `${path}: ${en}`).join("; "));
  return values;
}
