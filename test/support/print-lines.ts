/** Prints so many lines through a log of lines, until they are printed or nobody reads them any more. */
import { openLineLog } from '../../src/log/line-log'

async function main([count]: string[]): Promise<void> {
  const log = await openLineLog('-')
  while (log.count < Number(count) && !log.abandoned) await log.append([`line ${log.count}`])
  await log.close()
  if (log.abandoned) process.stderr.write(`abandoned after ${log.count} lines\n`)
  else await log.append(['end'])
}

void main(process.argv.slice(2))
