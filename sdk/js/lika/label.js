// Stable codes and what they are called.

/** What *granted* can say. */
export class Category {
  constructor(code, { zh, en }) {
    Object.assign(this, { code, zh, en });
  }
}

/** A pass of a group policy; the code is the level of its groups: county, township or village. */
export class Scope extends Category {}

/**
 * What a group policy can propose: rows of `resource` for subjects. `capacity` is the key of the fact with what a
 * resource row can still take; the node checks it.
 */
export class Role {
  constructor(code, { zh, en, resource, capacity }) {
    Object.assign(this, { code, zh, en, resource, capacity });
  }
}

/** A reason with its two sentences. `args` maps the names in braces to kinds, in order. */
export class Reason {
  constructor(code, { zh, en, args = {} }) {
    Object.assign(this, { code, zh, en, args });
  }
}
