import { setFlagsFromString } from 'node:v8'

/**
 * How large the young generation of this thread may become. It grows while much in it lives on, which is so of nothing that
 * assay does but loading its own code: that alone took it to 32 MB since V8 13, which then stay in use for good.
 *
 * Importing this keeps it as it is; so whoever has threads imports it before everything else, and lets it grow again for work that
 * needs it.
 */
export function keepYoungGeneration(): void {
  setFlagsFromString(`--semi-space-growth-factor=${noGrowth}`)
}

/** Lets it grow again, as the engine does by itself. */
export function growYoungGeneration(): void {
  setFlagsFromString('--semi-space-growth-factor=2')
}

/** It grew to as many times what it was; since V8 13 to as many times what lived on, if that is more. */
const noGrowth = Number.parseInt(process.versions.v8) < 13 ? 1 : 0

keepYoungGeneration()
