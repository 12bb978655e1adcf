// Before everything else, as on the command line.
import { growYoungGeneration } from '../runtime/young-generation'
import type { BenchSize } from './data'
import { encodeAsAvro, eventsFile } from './data'
import { measure } from './measure'
import type { Workload } from './measure'

/** What a process of its own does: a measurement of a file, a file of a size in a folder, or the same as Avro. */
export type Task = Workload | 'simulate' | 'encode'

/** Does the task of the command line, such as `ndjson FILE`, and answers on stdout as JSON. */
async function work([task, path, size]: string[]): Promise<void> {
  growYoungGeneration()
  process.stdout.write(JSON.stringify((await answerTo(task as Task, path!, size)) ?? null))
}

function answerTo(task: Task, path: string, size: string | undefined): unknown {
  if (task === 'simulate') return eventsFile(path, JSON.parse(size!) as BenchSize)
  return task === 'encode' ? encodeAsAvro(path) : measure(task, path)
}

if (require.main === module) {
  work(process.argv.slice(2)).catch((error: unknown) => {
    const isHelpful = error instanceof Error && 'exitCode' in error
    process.stderr.write(`${isHelpful ? error.message : String((error as Error).stack)}\n`)
    process.exitCode = isHelpful ? Number(error.exitCode) : 1
  })
}
