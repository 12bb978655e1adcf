import { apiLaw } from './api'
import { avroLaw } from './avro'
import { avroWriterLaw } from './avro-writer'
import { fileLogLaw } from './file-log'
import { blockLaw, checkpointLaw, frameLaw, snapshotLaw } from './formats'
import { jsonLaw } from './json'
import type { Law } from './law'
import { policyLaw, settingsLaw } from './policy'
import { textLaw } from './text'

/** What holds whatever comes: `npm test` tries each a while, `test/trials/fuzz.ts` as long as it is told. */
export const laws: readonly Law[] = [
  jsonLaw,
  avroLaw,
  avroWriterLaw,
  blockLaw,
  frameLaw,
  snapshotLaw,
  checkpointLaw,
  fileLogLaw,
  textLaw,
  policyLaw,
  settingsLaw,
  apiLaw,
]
