// What componentize-js makes a component of: the policy of `policy.js` in the world `subject`.

import { exportsOf } from "./lika/component.js";
import { policy } from "./policy.js";

export const subjectPolicy = exportsOf(policy);
