// Makes a component of a policy: `node componentize.mjs <world> <output>`, in the folder of the project.
//
// Every feature that would import something of WASI is left out, so that nothing is imported but the diagnostics.

import { writeFile } from "node:fs/promises";

import { componentize } from "@bytecodealliance/componentize-js";

const [world, output] = process.argv.slice(2);
const { component } = await componentize({
  sourcePath: `lika-${world}.js`,
  witPath: "wit",
  worldName: world,
  disableFeatures: ["random", "stdio", "clocks", "http", "fetch-event"],
});
await writeFile(output, component);
