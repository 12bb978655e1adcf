import type { BenchSize } from './data'
import { eventsFile } from './data'
import { measure } from './measure'
import type { Workload } from './measure'

/** What a process of its own does: a measurement of a file, or a file of a size in a folder. */
export type Task = Workload | 'simulate'

/** Does the task of the command line, such as `ndjson FILE`, and answers on stdout as JSON. */
async function work([task, path, size]: string[]): Promise<void> {
  const answer =
    task === 'simulate'
      ? eventsFile(path!, JSON.parse(size!) as BenchSize)
      : await measure(task as Workload, path!)
  process.stdout.write(JSON.stringify(answer))
}

if (require.main === module) {
  work(process.argv.slice(2)).catch((error: unknown) => {
    const isHelpful = error instanceof Error && 'exitCode' in error
    process.stderr.write(`${isHelpful ? error.message : String((error as Error).stack)}\n`)
    process.exitCode = isHelpful ? Number(error.exitCode) : 1
  })
}
