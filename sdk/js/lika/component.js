// The boundary: a policy as the exports of a component. Only the component's own build can import this.

import { write } from "lika:policy/diagnostics@0.1.0";

import { parse, schema } from "./settings.js";

/** The exports of either world's interface. */
export function exportsOf(policy) {
  return {
    describe: () => describe(policy),
    validateSettings: (settings) => parse(policy.settings, settings).faults,
    evaluate: (settings, input) => evaluate(policy, settings, input),
  };
}

function describe(policy) {
  const label = ({ code, zh, en }) => ({ code, zh, en });
  const fact = ({ key, kind, version, optional, meaning, notes }) => ({ key, kind, version, optional, meaning, notes });
  const { name, version, purpose, family, zh, en, pool } = policy;
  return {
    name,
    version,
    purpose,
    family,
    summary: { code: name, zh, en },
    subjects: policy.subject.name,
    tables: policy.tables.map(({ name, parent, facts }) => {
      return { name, parent, facts: Object.values(facts).map(fact), notes: [] };
    }),
    categories: policy.categories.map(label),
    reasons: policy.reasons.map(({ code, zh, en, args }) => {
      return { code, zh, en, arguments: Object.entries(args).map(([name, kind]) => ({ name, kind })) };
    }),
    roles: policy.roles.map(({ code, zh, en, resource, capacity }) => {
      return { label: { code, zh, en }, subjectTable: policy.subject.name, resourceTable: resource, capacity };
    }),
    scopes: policy.scopes.map(label),
    pool,
    settingsSchema: schema(policy.settings),
    notes: policy.legalBasis.map(([number, title]) => ["legal-basis", number ? `${number} ${title}` : title]),
  };
}

function evaluate(policy, settings, input) {
  try {
    return policy.evaluate(settings, input);
  } catch (error) {
    // A trap arrives without text; this line reaches the developer before it.
    write("error", `${error?.name}: ${error?.message}`);
    throw String(error?.message ?? error);
  }
}
