// What a policy answers.

const HOLDS = {
  less: (value, threshold) => value < threshold,
  "at-most": (value, threshold) => value <= threshold,
  equal: (value, threshold) => value === threshold,
  "at-least": (value, threshold) => value >= threshold,
  greater: (value, threshold) => value > threshold,
};

/** A value held against a threshold, in the unit of the fact. */
export class Comparison {
  constructor(cell, comparator, value, threshold) {
    Object.assign(this, { cell, comparator, value, threshold });
  }

  holds() {
    return HOLDS[this.comparator](this.value, this.threshold);
  }
}

/** One decision; make it with `granted`, `refused` or `undetermined`. */
export class Decision {
  constructor(outcome, { category, missing = [] } = {}) {
    Object.assign(this, { outcome, category, missing, reasons: [], comparisons: [] });
  }

  /** Adds a reason with the arguments of its sentence and the facts that it rests on. */
  because(reason, args = {}, ...cells) {
    this.reasons.push({ reason, args, cells });
    return this;
  }

  /** Adds a comparison. */
  compared(comparison) {
    this.comparisons.push(comparison);
    return this;
  }

  /** Sets the amount, in fen. */
  withAmount(fen) {
    this.amount = fen;
    return this;
  }

  /** Sets the score. */
  withScore(score) {
    this.score = score;
    return this;
  }
}

/** Yes, as this. */
export const granted = (category) => new Decision("granted", { category });
/** No; say why with `because`. */
export const refused = () => new Decision("refused");
/** Cannot be said: these facts are missing. */
export const undetermined = (...missing) => new Decision("undetermined", { missing });

/** Collects decisions in the form of the wire. */
export class Writer {
  constructor(policy) {
    this.policy = policy;
    this.tables = policy.tables.map((table) => table.name);
    this.answer = {
      decisions: [],
      missing: [],
      reasons: [],
      evidence: [],
      arguments: [],
      comparisons: [],
      proposals: [],
      strings: [],
    };
  }

  write(subject, { outcome, category, amount, score, missing, reasons, comparisons }) {
    const { answer, policy } = this;
    answer.decisions.push({
      subject,
      outcome,
      category: category && policy.categories.indexOf(category),
      amount: whole(amount),
      score: whole(score),
    });
    for (const cell of missing) answer.missing.push({ subject, fact: this.reference(cell) });
    for (const reason of reasons) this.#reason(subject, reason);
    for (const comparison of comparisons) {
      const { cell, comparator, value, threshold } = comparison;
      answer.comparisons.push({
        subject,
        fact: this.reference(cell),
        comparator,
        value: whole(value),
        threshold: whole(threshold),
        holds: comparison.holds(),
      });
    }
  }

  reference({ table, row, name }) {
    return { table: this.tables.indexOf(table.name), row, fact: table.slots[name] };
  }

  #reason(subject, { reason, args, cells }) {
    const { answer, policy } = this;
    const index = answer.reasons.length;
    answer.reasons.push({ subject, code: policy.reasons.indexOf(reason) });
    for (const cell of cells) answer.evidence.push({ reason: index, fact: this.reference(cell) });
    for (const [name, kind] of Object.entries(reason.args)) {
      answer.arguments.push({ reason: index, value: this.#value(kind, args[name]) });
    }
  }

  #value(kind, value) {
    if (kind !== "code" && kind !== "text") return whole(typeof value === "boolean" ? Number(value) : value);
    const { strings } = this.answer;
    if (!strings.includes(value)) strings.push(value);
    return BigInt(strings.indexOf(value));
  }
}

/** A number of the wire. A fraction, or what was rounded on its way here, has no place in a decision. */
export function whole(number) {
  if (number === undefined || number === null) return undefined;
  if (typeof number === "number" && !Number.isSafeInteger(number)) {
    throw new RangeError(`${number} is no whole number that JavaScript holds exactly`);
  }
  return BigInt(number);
}
