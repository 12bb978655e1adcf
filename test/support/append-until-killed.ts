/**
 * Appends numbered records and lines as fast as it can, and says after each flush how many are safe. Ends when it is
 * killed, or when an append is refused: then it says so and what can still be read.
 */
import { FileLog } from '../../src/log/file-log'
import { openLineLog } from '../../src/log/line-log'
import { numberedRecord } from './records'

async function main([folder, segmentBytes]: string[]): Promise<void> {
  const log = await FileLog.open(`${folder!}/log`, { segmentBytes: Number(segmentBytes) })
  const lines = await openLineLog(`${folder!}/lines.ndjson`)
  for (let batch = 1; ; batch++) {
    const records = Array.from({ length: batch % 7 }, (_, index) => numberedRecord(log.end + index))
    const texts = records.map((_, index) => JSON.stringify({ line: lines.count + index }))
    try {
      await Promise.all([log.append(records), lines.append(texts)])
      if (batch % 5 === 0) {
        await Promise.all([log.flush(), lines.flush()])
        process.stdout.write(JSON.stringify({ records: log.end, lines: lines.count }) + '\n')
      }
    } catch (error) {
      const readable = (await log.read(0, Infinity)).length
      process.stdout.write(
        JSON.stringify({ error: String(error), records: log.end, lines: lines.count, readable }) + '\n',
      )
      return
    }
  }
}

void main(process.argv.slice(2))
