import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { record } from './state'

/** Records a state of the format of now: `node -r ./test/support/typescript.js test/recorded/record.ts`. */
async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-record-'))
  try {
    await record(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

void main()
