// Policies that judge one subject at a time.

import { Decision, Writer } from "./decision.js";
import { readRow } from "./facts.js";
import { require } from "./settings.js";

/** Judges one subject at a time. Fill in what follows and write `judge`. */
export class SubjectPolicy {
  family = "subject";
  /** The Table whose rows are decided. */
  subject;
  /** Tables whose rows belong to a subject, or the single row of `group`. */
  parts = [];
  settings = [];
  categories = [];
  reasons = [];
  roles = [];
  scopes = [];
  pool = undefined;
  /** The documents that it rests on, as [number or null, title]. */
  legalBasis = [];

  /** Decides about a subject; its parts are `subject.parts.get(table)`, a list of rows. */
  judge(_settings, _subject) {
    throw new Error("write `judge`");
  }

  get tables() {
    return [this.subject, ...this.parts];
  }

  /** Judges every subject of an input. An error where nothing can be judged. */
  evaluate(settings, input) {
    const values = require(this.settings, settings);
    const writer = new Writer(this);
    const owned = input.tables.map(byOwner);
    for (let number = 0; number < input.tables[0].rows; number++) {
      const { subject, missing } = this.#read(input, owned, number);
      const decision = missing.length > 0 ? new Decision("undetermined", { missing }) : this.judge(values, subject);
      writer.write(number, decision);
    }
    return writer.answer;
  }

  #read(input, owned, number) {
    const { row: subject, missing } = readRow(this.subject, input.tables[0], input.strings, number);
    subject.parts = new Map();
    this.parts.forEach((table, index) => {
      const rows = input.tables[index + 1];
      const numbers = table.parent ? (owned[index + 1].get(number) ?? []) : Array(rows.rows).keys();
      const read = Array.from(numbers, (part) => readRow(table, rows, input.strings, part));
      for (const part of read) missing.push(...part.missing);
      subject.parts.set(
        table,
        read.map((part) => part.row),
      );
    });
    return { subject, missing };
  }
}

function byOwner(rows) {
  const owned = new Map();
  rows.parents.forEach((owner, number) => {
    if (!owned.has(owner)) owned.set(owner, []);
    owned.get(owner).push(number);
  });
  return owned;
}
