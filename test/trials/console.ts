/**
 * The console under a flood of verdicts in a real browser: when it is first seen on a cold start, how often it stutters,
 * and what it holds in memory; see the README.
 *
 *   node -r ./test/support/typescript.js test/trials/console.ts --seconds 180 --rate 50
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { CDPSession, Page } from 'playwright-core'
import { showConsole } from '../support/console'
import { openBrowser } from '../support/stack/browser'
import { verdictOf } from '../support/standing-promises'
import { runTrial } from './trial'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '180' },
    rate: { type: 'string', default: '50' },
  },
})

runTrial(async () => {
  const [seconds, rate] = [Number(values.seconds), Number(values.rate)]
  const shown = await showConsole()
  const browser = await openBrowser()
  try {
    const page = await browser.newPage()
    await page.addInitScript(watch)
    await page.goto(shown.url)
    await page.locator('.verdicts > li').first().waitFor()
    const firstPaintMs = await page.evaluate<number>(
      'performance.getEntriesByName("first-contentful-paint")[0].startTime',
    )
    // A page on which nothing happens, to tell what the machine does to any page.
    const idle = await browser.newPage()
    await idle.addInitScript(watch)
    await idle.goto(`${shown.url}/nothing-here`)
    await page.bringToFront()
    const session = await page.context().newCDPSession(page)
    const late: Late = { tasksMs: [], framesMs: [], framesAtMs: [] }
    const heapsMb: number[] = []
    // A collection that is asked for holds up the page as none of its own does.
    const weigh = async (): Promise<void> => {
      await noteLate(page, late)
      heapsMb.push(await heapMb(session))
      await page.evaluate('beginAnew()')
    }
    // What the start took is not what the flood takes.
    await sleep(2_000)
    for (const one of [page, idle]) await one.evaluate('beginAnew()')
    await weigh()
    const turnMs = 100
    const turns = (seconds * 1_000) / turnMs
    const startMs = performance.now()
    let sent = 0
    for (let turn = 1; turn <= turns; turn++) {
      const due = Math.round((turn * turnMs * rate) / 1_000)
      const verdicts = Array.from({ length: due - sent }, (_, at) => flooding(sent + at))
      sent = due
      await shown.publish(...verdicts)
      if (turn % Math.ceil(turns / 6) === 0) await weigh()
      await sleep(Math.max(0, startMs + turn * turnMs - performance.now()))
    }
    const tookSeconds = Math.round((performance.now() - startMs) / 1_000)
    await page.getByRole('link', { name: `flood-${sent - 1}`, exact: true }).waitFor()
    await noteLate(page, late)
    const ofIdle: Late = { tasksMs: [], framesMs: [], framesAtMs: [] }
    await noteLate(idle, ofIdle)
    const result = {
      ...{ firstPaintMs: Math.round(firstPaintMs), verdicts: sent, seconds: tookSeconds },
      ...{ tasksOver50Ms: late.tasksMs.length, tasksOver100Ms: late.tasksMs.filter((ms) => ms > 100).length },
      longestTaskMs: Math.round(Math.max(0, ...late.tasksMs)),
      framesOver100Ms: late.framesMs.length,
      framesAtSeconds: late.framesAtMs.map((ms) => Math.round(ms / 1_000)),
      ...{ idleFrames: await idle.evaluate<number>('frames'), idleFramesOver100Ms: ofIdle.framesMs.length },
      ...{ heapMb: heapsMb, rows: await page.locator('.verdicts > li').count() },
    }
    process.stdout.write(`${JSON.stringify(result)}\n`)
  } finally {
    await browser.close()
    await shown.close()
  }
})

interface Late {
  readonly tasksMs: number[]
  readonly framesMs: number[]
  /** When each of those frames came, from the start of the page. */
  readonly framesAtMs: number[]
}

/** Runs in the page, whose types are not here: notes tasks that held it up, and frames that came late. */
const watch = `
  globalThis.late = { tasksMs: [], framesMs: [], framesAtMs: [] }
  let sinceMs = 0
  let lastMs = performance.now()
  globalThis.beginAnew = () => {
    late = { tasksMs: [], framesMs: [], framesAtMs: [] }
    sinceMs = lastMs = performance.now()
  }
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) if (startTime >= sinceMs) late.tasksMs.push(duration)
  }).observe({ type: 'longtask', buffered: true })
  globalThis.frames = 0
  const next = () => {
    frames++
    const nowMs = performance.now()
    if (nowMs - lastMs > 100) {
      late.framesMs.push(nowMs - lastMs)
      late.framesAtMs.push(nowMs)
    }
    lastMs = nowMs
    requestAnimationFrame(next)
  }
  next()
`

async function noteLate(page: Page, late: Late): Promise<void> {
  const { tasksMs, framesMs, framesAtMs } = await page.evaluate<Late>('late')
  late.tasksMs.push(...tasksMs)
  late.framesMs.push(...framesMs)
  late.framesAtMs.push(...framesAtMs)
}

/** What is in use once everything that nobody holds is gone. */
async function heapMb(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  return Math.round(usedSize / 1e5) / 10
}

/** Every third is a revision of the one before. */
function flooding(number: number): ReturnType<typeof verdictOf> {
  const isRevision = number % 3 === 2
  const of = isRevision ? number - 1 : number
  return verdictOf({
    ...{ verdictId: `v-flood-${of}`, accountId: `flood-${number}`, revision: isRevision ? 2 : 1 },
    ...{ detectedAt: Date.UTC(2026, 2, 1) + number * 20, status: isRevision ? 'escalated' : 'raised' },
  })
}
