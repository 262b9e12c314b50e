// Policies that share something out inside one group.

import { Decision, Writer, whole } from "./decision.js";
import { readRow } from "./facts.js";
import { require } from "./settings.js";

/** The tables of a group. */
export class Group {
  #rows = new Map();
  #owners = new Map();
  unreadable = new Map();
  decisions = new Map();
  proposals = [];

  constructor(tables, input) {
    tables.forEach((table, index) => {
      const rows = input.tables[index];
      const read = Array.from(Array(rows.rows).keys(), (number) => readRow(table, rows, input.strings, number));
      this.#owners.set(table, rows.parents);
      this.#rows.set(
        table,
        read.filter(({ missing }) => missing.length === 0).map(({ row }) => row),
      );
      const unreadable = read.filter(({ missing }) => missing.length > 0);
      this.unreadable.set(table, new Map(unreadable.map(({ row, missing }) => [row.number, missing])));
    });
  }

  /** Every row that could be read, in order; `row.number` is its number. */
  rows(table) {
    return this.#rows.get(table);
  }

  /** The number of the row of the parent table that owns this one. */
  owner(table, row) {
    return this.#owners.get(table)[row.number];
  }

  /** Decides about a subject: a row of the table of the subjects. */
  decide(subject, decision) {
    this.decisions.set(subject.number, decision);
  }

  /** Proposes a resource for a subject; without a quantity it takes 1. */
  propose(role, subject, resource, quantity) {
    this.proposals.push({ role, subject: subject.number, resource: resource.number, quantity });
  }
}

/** Shares something out inside one group. Fill in what follows and write `share`. */
export class GroupPolicy {
  family = "group";
  /** The Table whose rows are decided. */
  subject;
  /** The Table of the single row that everything depends on, if there is one. */
  context = undefined;
  /** The other Tables. */
  others = [];
  settings = [];
  categories = [];
  reasons = [];
  roles = [];
  scopes = [];
  /** Key of the fact with the amount to be shared out. */
  pool = undefined;
  /** The documents that it rests on, as [number or null, title]. */
  legalBasis = [];

  /** Decides about every subject of `group.rows(this.subject)` and proposes what is missing. */
  share(_settings, _scope, _group) {
    throw new Error("write `share`");
  }

  get tables() {
    return [...(this.context ? [this.context] : []), this.subject, ...this.others];
  }

  /** Shares out inside the group of an input. An error where nothing can be judged. */
  evaluate(settings, input) {
    const values = require(this.settings, settings);
    const tables = this.tables;
    const [writer, group] = [new Writer(this), new Group(tables, input)];
    const missing = this.#missingContext(group);
    if (missing.length > 0) {
      const { rows } = input.tables[tables.indexOf(this.subject)];
      for (let number = 0; number < rows; number++) {
        group.decisions.set(number, new Decision("undetermined", { missing }));
      }
    } else {
      this.share(values, this.scopes[input.scope], group);
      for (const [number, cells] of group.unreadable.get(this.subject)) {
        group.decisions.set(number, new Decision("undetermined", { missing: cells }));
      }
    }
    const numbers = [...group.decisions.keys()].sort((a, b) => a - b);
    for (const number of numbers) writer.write(number, group.decisions.get(number));
    writer.answer.proposals = this.#proposals(writer, group);
    return writer.answer;
  }

  #missingContext(group) {
    if (!this.context || group.rows(this.context).length > 0) return [];
    const all = Object.keys(this.context.facts).map((name) => ({ table: this.context, row: 0, name }));
    return group.unreadable.get(this.context).get(0) ?? all;
  }

  #proposals(writer, group) {
    const proposals = group.proposals.map(({ role, subject, resource, quantity }) => ({
      role: this.roles.indexOf(role),
      subject,
      table: writer.tables.indexOf(role.resource),
      resourceRow: resource,
      quantity: whole(quantity),
    }));
    return proposals.sort((a, b) => a.subject - b.subject || a.role - b.role || a.resourceRow - b.resourceRow);
  }
}
