// What componentize-js makes a component of: the policy of `policy.js` in the world `group`.

import { exportsOf } from "./lika/component.js";
import { policy } from "./policy.js";

export const groupPolicy = exportsOf(policy);
