import { parentPort, workerData } from 'node:worker_threads'
import { connect } from './connect'
import { makeViews, stagesNamed, stagesOf, statsOf } from './stages'
import type { ThreadPut, ThreadReply, ThreadTask } from './threads'

/** A thread of its own: folds what it is sent and answers each message with what its views emitted. */
function work({ policy, key, names }: ThreadTask): void {
  const views = makeViews(policy, key)
  let emitted: ThreadPut[] = []
  const put = connect(stagesNamed(stagesOf(views), names), (log, record) => {
    emitted.push({ log, record: record.slice() })
  })
  parentPort!.on('message', ({ log, record }: ThreadPut) => {
    put(log, record)
    const reply: ThreadReply = { emitted, stats: statsOf(views, names) }
    emitted = []
    parentPort!.postMessage(
      reply,
      reply.emitted.map((one) => one.record.buffer as ArrayBuffer),
    )
  })
}

work(workerData as ThreadTask)
