// Facts: what a policy is told, row by row.

const PRESENT = 0n;
const ABSENT = 1n;

/**
 * One fact that a policy reads; make it with `flag`, `integer`, `fen`, `ppm`, `date`, `code`, `text` or `row`.
 *
 * `monotone: "increasing"` promises that a higher value never turns a subject's *granted* into *refused*, and
 * `"decreasing"` that it never turns *refused* into *granted*, everything else being the same; tests try it.
 */
class Fact {
  constructor(kind, key, meaning, { optional = false, version = 1, of, monotone } = {}) {
    Object.assign(this, { kind, key, meaning, optional, version, of, monotone });
  }

  get notes() {
    return Object.entries({ table: this.of, monotone: this.monotone }).filter(([, value]) => value !== undefined);
  }

  value(slot, strings) {
    switch (this.kind) {
      case "flag":
        return slot !== 0n;
      case "code":
      case "text":
        return strings[Number(slot)];
      default:
        return exact(slot);
    }
  }
}

/** Yes or no. */
export const flag = (key, meaning, how) => new Fact("flag", key, meaning, how);
/** A whole number. */
export const integer = (key, meaning, how) => new Fact("integer", key, meaning, how);
/** Money in fen, 1/100 yuan. */
export const fen = (key, meaning, how) => new Fact("fen", key, meaning, how);
/** Parts per million. */
export const ppm = (key, meaning, how) => new Fact("ppm", key, meaning, how);
/** A day, as days since 1970-01-01: a policy has no clock and no time zone. */
export const date = (key, meaning, how) => new Fact("date", key, meaning, how);
/** A stable code. */
export const code = (key, meaning, how) => new Fact("code", key, meaning, how);
/** Text for people. */
export const text = (key, meaning, how) => new Fact("text", key, meaning, how);
/** The number of a row of the table named `of`. */
export const row = (key, meaning, of, how) => new Fact("row", key, meaning, { ...how, of });

/** A table with its facts by the names that the policy uses: `new Table("household", { able: flag("…", "…") })`. */
export class Table {
  constructor(name, facts, { parent } = {}) {
    Object.assign(this, { name, facts, parent });
    this.slots = Object.fromEntries(Object.keys(facts).map((fact, slot) => [fact, slot]));
  }
}

/** A row whose facts are properties; an optional fact that is absent is null. */
class Row {
  #table;

  constructor(table, number, values) {
    this.#table = table;
    Object.assign(this, values, { number });
  }

  /** The place of one of its facts, for reasons and comparisons. */
  cell(name) {
    return { table: this.#table, row: this.number, name };
  }
}

/** The row, and the cells without which it cannot be judged. */
export function readRow(table, rows, strings, number) {
  const values = {};
  const missing = [];
  const names = Object.keys(table.facts);
  names.forEach((name, slot) => {
    const fact = table.facts[name];
    const position = number * names.length + slot;
    const word = rows.states.length > 0 ? rows.states[position >>> 5] : 0n;
    const state = (word >> BigInt((position % 32) * 2)) & 3n;
    if (state === PRESENT) values[name] = fact.value(rows.slots[position], strings);
    else if (state === ABSENT && fact.optional) values[name] = null;
    else missing.push({ table, row: number, name });
  });
  return { row: new Row(table, number, values), missing };
}

// Numbers of JavaScript are exact up to 2^53 only, and a sum of money must not be rounded.
function exact(slot) {
  const number = Number(slot);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${slot} is more than a number of JavaScript holds exactly`);
  return number;
}
