// What a policy is written with, in JavaScript.
//
// A policy gets facts and answers with decisions; it has no clock, no randomness, no files and no network.
// Declare tables of facts, settings, categories and reasons, and write `judge` (SubjectPolicy) or `share` (GroupPolicy).
// The same code runs as a component in a node and in ordinary tests; the contract itself is `wit/policy.wit`.

export { Comparison, Decision, granted, refused, undetermined } from "./decision.js";
export { Table, code, date, fen, flag, integer, ppm, row, text } from "./facts.js";
export { Group, GroupPolicy } from "./group.js";
export { Category, Reason, Role, Scope } from "./label.js";
export { shareByLargestRemainder } from "./money.js";
export { Setting } from "./settings.js";
export { SubjectPolicy } from "./subject.js";
