import { writeFileSync } from 'node:fs'
import { answerByAssay } from './assay'
import { answerByMaps } from './maps'
import { answerByReference } from './reference'

/** Those that need nothing but Node. */
export const answersBy = {
  assay: answerByAssay,
  maps: answerByMaps,
  reference: answerByReference,
} as const

/** Does what a peer does that is a program: `NAME FILE-OF-EVENTS FILE-FOR-ANSWERS`. */
async function main([name, events, answers]: string[]): Promise<void> {
  writeFileSync(answers!, (await answersBy[name as keyof typeof answersBy](events!)).join(''))
}

if (require.main === module) void main(process.argv.slice(2))
