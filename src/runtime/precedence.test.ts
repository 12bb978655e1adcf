import { execFileSync } from 'node:child_process'
import { constants, getPriority } from 'node:os'
import { dirname, join } from 'node:path'
import { builtCli } from '../../test/support/cli'

/** What makes two pipelines on threads, one after the other, and prints the niceness of all threads of its process beside each. */
const program = (dist: string) => `
const { readdirSync, readFileSync } = require('node:fs')
const { threadedPipeline } = require(${JSON.stringify(join(dist, 'runtime/threads.js'))})
const { defaultPolicy } = require(${JSON.stringify(join(dist, 'policy/policy.js'))})
const niceness = (task) => Number(readFileSync('/proc/self/task/' + task + '/stat', 'utf8').split(') ')[1].split(' ')[16])
void (async () => {
  const told = []
  for (let made = 0; made < 2; made++) {
    const pipeline = threadedPipeline({ policy: defaultPolicy, key: new Uint8Array(32), take: () => undefined })
    await pipeline.drain()
    const threads = readdirSync('/proc/self/task').map(Number)
    told.push({ caller: niceness(process.pid), all: threads.map(niceness) })
    await pipeline.close()
  }
  console.log(JSON.stringify(told))
})()`

// Only Linux has a priority for each thread.
const onLinux = process.platform === 'linux' ? it : it.skip

onLinux(
  'puts the caller and the stages that others wait for behind the last ones, and the caller only once',
  () => {
    const start = getPriority()
    const behind = Math.min(start + 3, constants.priority.PRIORITY_LOW)
    const printed = execFileSync(process.execPath, ['-e', program(dirname(dirname(builtCli())))], {
      encoding: 'utf8',
    })
    const [first, second] = JSON.parse(printed) as { caller: number; all: number[] }[]
    expect(first!.caller).toBe(behind)
    // The caller, and the thread of traces, crews and networks; that of accounts and decisions is where the process began.
    expect(first!.all.filter((niceness) => niceness !== start)).toEqual(
      start === behind ? [] : [behind, behind],
    )
    expect(second!.caller).toBe(behind)
  },
)
