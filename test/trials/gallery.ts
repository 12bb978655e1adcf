/**
 * Pictures of the console for people to look at: every page in both languages, both themes and three widths, twelve on a
 * sheet; see the README.
 *
 *   node -r ./test/support/typescript.js test/trials/gallery.ts --folder docs/images
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Browser } from 'playwright-core'
import { startAssay } from '../support/cli'
import { openBrowser } from '../support/stack/browser'
import { runTrial } from './trial'

const { values } = parseArgs({ options: { folder: { type: 'string', default: 'docs/images' } } })

const looks = [
  ['en', 'light'],
  ['en', 'dark'],
  ['zh', 'light'],
  ['zh', 'dark'],
] as const

const sizes = [
  { width: 390, height: 844 },
  { width: 1_280, height: 800 },
  { width: 2_560, height: 1_440 },
] as const

runTrial(async () => {
  mkdirSync(values.folder, { recursive: true })
  const demo = startAssay(['demo', '--console', '--scenario', 'networks', '--port', '0'])
  const browser = await openBrowser()
  try {
    const address = await addressIn(demo.process.stderr!)
    for (const [name, path] of Object.entries(await pagesAt(address))) {
      const file = join(values.folder, `console-sheet-${name}.jpg`)
      writeFileSync(file, await sheetOf(browser, new URL(path, address).href))
      process.stdout.write(`${file} ${path}\n`)
    }
  } finally {
    await browser.close()
    demo.process.kill('SIGINT')
    await demo.ended
  }
})

/** Where the console is once the story is told. */
async function addressIn(output: NodeJS.ReadableStream): Promise<string> {
  let told = ''
  for await (const chunk of output) {
    told += String(chunk)
    const found = /http:\/\/[\w.:]+\//.exec(told)
    if (found !== null) return found[0]
  }
  throw new Error(`The demo ended without a console: ${told}`)
}

/** One page of each sort: the newest account whose count was corrected, and the newest verdict of the largest cluster. */
async function pagesAt(address: string): Promise<Readonly<Record<string, string>>> {
  const ask = async <Item>(path: string): Promise<Item[]> =>
    ((await (await fetch(new URL(path, address))).json()) as { items: Item[] }).items
  const [corrected] = await ask<{ accountId: string }>(
    '/api/v1/verdicts?recommendation=correct-count&limit=1',
  )
  const clusters = await ask<{ id: string; size: number; verdictIds: string[] }>('/api/v1/clusters?limit=100')
  const largest = clusters.reduce((one, other) => (other.size > one.size ? other : one))
  return {
    flow: '/',
    account: `/accounts/${encodeURIComponent(corrected!.accountId)}`,
    verdict: `/verdicts/${largest.verdictIds.at(-1)!}`,
    clusters: '/clusters',
    cluster: `/clusters/${largest.id}`,
    policy: '/policy',
  }
}

/** A row for each look, a column for each size. */
async function sheetOf(browser: Browser, url: string): Promise<Buffer> {
  const images: string[] = []
  for (const [language, theme] of looks) {
    // What is waited for is text, which the page lets nobody run.
    const context = await browser.newContext({ bypassCSP: true })
    await context.addInitScript(
      `localStorage.setItem('assay-language', '${language}'); localStorage.setItem('assay-theme', '${theme}')`,
    )
    const page = await context.newPage()
    for (const size of sizes) {
      await page.setViewportSize(size)
      await page.goto(url)
      await page.locator('main h1').waitFor()
      await page.waitForFunction('document.querySelectorAll("main .loading").length === 0')
      const shot = await page.screenshot({ animations: 'disabled' })
      images.push(`<img src="data:image/png;base64,${shot.toString('base64')}">`)
    }
    await context.close()
  }
  const context = await browser.newContext({ viewport: { width: 1_640, height: 1_000 } })
  const page = await context.newPage()
  await page.setContent(
    `<style>body { display: grid; grid-template-columns: repeat(3, max-content); gap: 8px; margin: 8px; background: #777 }
     img { height: 420px }</style>${images.join('')}`,
  )
  const sheet = await page.screenshot({ fullPage: true, type: 'jpeg', quality: 70 })
  await context.close()
  return sheet
}
