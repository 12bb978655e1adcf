import { parentPort, workerData } from 'node:worker_threads'
import { connect } from './connect'
import { makeStages } from './stages'
import type { ThreadPut, ThreadReply, ThreadTask } from './threads'

/** A thread of its own: folds what it is sent and answers each message with what its views emitted. */
function work({ plan, key }: ThreadTask): void {
  const { stages, stats } = makeStages(plan, key)
  let emitted: ThreadPut[] = []
  const put = connect(stages, (log, record) => {
    emitted.push({ log, record: record.slice() })
  })
  const answer = (): void => {
    const reply: ThreadReply = { emitted, stats: stats() }
    emitted = []
    // Of their own memory, which is handed over.
    parentPort!.postMessage(
      reply,
      reply.emitted.map(({ record }) => record.buffer as ArrayBuffer),
    )
  }
  parentPort!.on('message', (records: readonly ThreadPut[]) => {
    for (const { log, record } of records) put(log, record)
    answer()
  })
  // Says that it is there.
  answer()
}

work(workerData as ThreadTask)
