import { parentPort, workerData } from 'node:worker_threads'
import { connect } from './connect'
import { stepBack } from './precedence'
import { makeStages } from './stages'
import type { ThreadPut, ThreadReply, ThreadTask } from './threads'

/** A thread of its own: folds what it is sent and answers each message with what its views emitted. */
function work({ plan, key, isLast }: ThreadTask): void {
  if (!isLast) stepBack()
  const { stages, stats } = makeStages(plan, key)
  let emitted: ThreadPut[] = []
  const put = connect(stages, (log, record) => {
    emitted.push({ log, record: record.slice() })
  })
  const answer = (): void => {
    const reply: ThreadReply = { emitted, stats: stats() }
    emitted = []
    // Copied, since it is little. Where memory was ever handed over, the engine asks at each access whether it still is there.
    parentPort!.postMessage(reply)
  }
  parentPort!.on('message', (records: readonly ThreadPut[]) => {
    for (const { log, record } of records) put(log, record)
    answer()
  })
  // Says that it is there.
  answer()
}

work(workerData as ThreadTask)
