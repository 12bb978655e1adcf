import { setFlagsFromString } from 'node:v8'

/**
 * Keeps the young generation of this thread at its size. It grows while much in it lives on, which is so of nothing that assay
 * does but loading its own code: that alone takes it to 16 MB, and to 32 with Node 24, which then stay in use for good.
 *
 * Importing this file does so already; whoever has threads imports it before everything else, and lets it grow again for work
 * that needs it.
 */
export function keepYoungGeneration(): void {
  setFlagsFromString(`--semi-space-growth-factor=${noGrowth}`)
}

/** Lets it grow again, as the engine does by itself. */
export function growYoungGeneration(): void {
  setFlagsFromString('--semi-space-growth-factor=2')
}

/** Since V8 13 it grows with a factor of 1 as well, by less; the engines before end at once when they are told 0. */
const noGrowth = Number.parseInt(process.versions.v8) < 13 ? 1 : 0

keepYoungGeneration()
