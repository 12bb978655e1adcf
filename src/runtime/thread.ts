import { parentPort, workerData } from 'node:worker_threads'
import { connect } from './connect'
import { makeViews, stagesOf, statsOf } from './stages'
import type { ThreadPut, ThreadReply, ThreadTask } from './threads'

/** A thread of its own: folds what it is sent and answers each message with what its views emitted. */
function work({ policy, key, names }: ThreadTask): void {
  const views = makeViews(policy, key)
  let emitted: ThreadPut[] = []
  const put = connect(stagesOf(views, names), (log, record) => {
    emitted.push({ log, record: record.slice() })
  })
  const answer = (): void => {
    const reply: ThreadReply = { emitted, stats: statsOf(views, names) }
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
