import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { newToken } from '../../src/http/token-file'
import { builtConsole } from '../support/cli'
import {
  absorbedCluster,
  hostileId,
  hostileText,
  showConsole,
  shownCluster,
  shownVerdicts,
} from '../support/console'
import type { Shown } from '../support/console'
import { openBrowser } from '../support/stack/browser'
import { verdictOf } from '../support/standing-promises'
import { temporaryFolders } from '../support/temporary'

jest.setTimeout(300_000)

// What runs in the page is text, since here are no types of a page.

const newFolder = temporaryFolders()
let browser: Browser
let shown: Shown
const contexts: BrowserContext[] = []

beforeAll(async () => {
  shown = await showConsole()
  browser = await openBrowser()
})
afterEach(async () => {
  for (const context of contexts.splice(0)) await context.close()
})
afterAll(async () => {
  await browser.close()
  await shown.close()
})

/** A page, and everything that went wrong on it: errors of scripts, of the policy of the page, and of requests. */
async function openPage(path: string, { language = 'en', theme = 'light' } = {}) {
  const context = await browser.newContext({ baseURL: shown.url })
  contexts.push(context)
  context.setDefaultTimeout(60_000)
  await context.addInitScript(
    `localStorage.setItem('assay-language', '${language}'); localStorage.setItem('assay-theme', '${theme}')`,
  )
  const page = await context.newPage()
  const faults: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text())
  })
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('dialog', (dialog) => {
    faults.push(`a dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  await page.goto(path)
  return { page, faults }
}

/** Waits until a page has its heading and nothing of it is on its way. */
async function settled(page: Page): Promise<void> {
  await page.locator('main h1').waitFor()
  await page.locator('main .loading').first().waitFor({ state: 'detached' })
  await page.waitForFunction('document.querySelectorAll("main .loading").length === 0')
}

const accountPath = (id: string) => `/accounts/${encodeURIComponent(id)}`
const places = {
  flow: '/',
  account: accountPath('daily-bread'),
  verdict: `/verdicts/${shownVerdicts.steered}`,
  cluster: `/clusters/${shownCluster}`,
  clusters: '/clusters',
  policy: '/policy',
}

describe.each(Object.entries(places))('the page %s', (_name, path) => {
  it.each([
    ['en', 'light'],
    ['en', 'dark'],
    ['zh', 'light'],
    ['zh', 'dark'],
  ])('shows no fault in %s and %s, on a telephone, a desk and a wall', async (language, theme) => {
    const { page, faults } = await openPage(path, { language, theme })
    await settled(page)
    await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'))
    for (const width of [390, 1_280, 2_560]) {
      await page.setViewportSize({ width, height: 900 })
      const scrolledBy = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
      expect([width, scrolledBy]).toEqual([width, 0])
      expect([width, await gravesIn(page)]).toEqual([width, []])
    }
    expect(faults).toEqual([])
  })
})

interface Axe {
  run(options: { resultTypes: string[] }): Promise<{
    violations: { id: string; impact: string; nodes: { html: string }[] }[]
  }>
}

/** What axe finds grave on a page, by rule and place. It was put there from outside: the page lets no other script in. */
async function gravesIn(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: Axe }
    // What is in order is not told element by element, which takes as long as finding it.
    const { violations } = await axe.run({ resultTypes: ['violations'] })
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`)
  })
}

it('leads from the newest verdict to the answer of an appeal in two clicks', async () => {
  const { page, faults } = await openPage('/')
  await page.getByRole('link', { name: 'Inflated clicks' }).click()
  await page.getByRole('heading', { name: 'Inflated clicks' }).waitFor()
  await page.getByRole('link', { name: 'Answer to an appeal' }).click()
  const answer = page.getByRole('region', { name: 'Answer to an appeal' })
  await answer.getByText('How to check it by hand').waitFor()
  await answer.getByRole('button', { name: '中文' }).click()
  await answer.getByText('如何人工核对').waitFor()
  expect(faults).toEqual([])
})

it('says in Chinese what was found, in the list and as it comes', async () => {
  const { page } = await openPage('/', { language: 'zh' })
  await settled(page)
  await page
    .getByText(/80 ?%.*通常为10 ?%/)
    .first()
    .waitFor()
  await page.goto('/clusters')
  await page.getByRole('link', { name: shownCluster }).click()
  await page.getByText('检测规则原文').first().waitFor()
})

it('can be used by the keyboard alone', async () => {
  const { page, faults } = await openPage('/')
  await settled(page)
  await page.keyboard.press('Tab')
  await expectFocusOn(page, 'Skip to the content')
  await page.keyboard.press('/')
  await page.keyboard.type('weekly-bread')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'weekly-bread' }).waitFor()
  expect(await page.evaluate('document.activeElement.id')).toBe('main')
  // From the head of the page on, the first link of the list of verdicts is reached, and it opens.
  await page.getByRole('link', { name: 'Steered accounts' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Steered accounts' }).waitFor()
  await page.goBack()
  await page.getByRole('heading', { level: 1, name: 'weekly-bread' }).waitFor()
  expect(faults).toEqual([])
})

async function expectFocusOn(page: Page, text: string): Promise<void> {
  expect(await page.evaluate('document.activeElement.textContent')).toBe(text)
}

it('shows what comes while one looks, holds it on request, and keeps to its filters', async () => {
  const { page } = await openPage('/?offence=false-hotspot')
  await page.getByText('No verdict meets these filters').waitFor()
  const hotspot = (number: number) =>
    verdictOf({ verdictId: `v-hot-${number}`, offence: 'false-hotspot', accountId: `hot-${number}` })
  await shown.publish(hotspot(1), verdictOf({ verdictId: 'v-other', accountId: 'other' }))
  await page.getByRole('link', { name: 'hot-1' }).waitFor()
  expect(await page.getByRole('link', { name: 'other' }).count()).toBe(0)
  await page.getByRole('button', { name: 'Pause' }).click()
  await shown.publish(hotspot(2))
  await page.getByRole('button', { name: '1 new: show' }).click()
  await page.getByRole('link', { name: 'hot-2' }).waitFor()
})

it('keeps a bounded list, however many come', async () => {
  const { page } = await openPage('/')
  await settled(page)
  const many = Array.from({ length: 400 }, (_, at) =>
    verdictOf({ verdictId: `v-many-${at}`, accountId: `many-${at}` }),
  )
  await shown.publish(...many)
  await page.getByRole('link', { name: 'many-399', exact: true }).waitFor()
  expect(await page.locator('.verdicts > li').count()).toBe(60)
})

it('goes on when the service comes back', async () => {
  const port = Number(new URL(shown.url).port)
  const { page } = await openPage('/')
  await settled(page)
  await page.getByText('Live', { exact: true }).and(page.locator('.connection')).waitFor()
  await shown.close()
  await page.getByText('Connection lost').waitFor()
  await page.getByText('The service does not answer').waitFor()
  shown = await showConsole({ port })
  await shown.publish(verdictOf({ verdictId: 'v-after', accountId: 'after-the-restart' }))
  await page.getByRole('link', { name: 'after-the-restart' }).click()
  await page.getByRole('heading', { level: 1, name: 'after-the-restart' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { level: 1, name: 'after-the-restart' }).waitFor()
})

it('lets no id and no text act on the page', async () => {
  const { page, faults } = await openPage(`/verdicts/${shownVerdicts.hostile}`)
  await settled(page)
  // Letters that turn text round or hide are named; nothing became markup.
  expect(await page.locator('.quoted').first().textContent()).toContain('[U+202E]')
  expect(await page.locator('main img, main script').count()).toBe(0)
  expect(await page.title()).not.toMatch(/[\u202e\u200b]/)
  await page.locator('.facts').getByRole('link').first().click()
  await page.getByRole('heading', { level: 1 }).getByText('<img src=x').waitFor()
  await settled(page)
  expect(decodeURIComponent(new URL(page.url()).pathname)).toBe(`/accounts/${hostileId}`)
  expect(await page.getByRole('link', { name: 'Forged originality' }).count()).toBe(1)
  await page.reload()
  await page.getByRole('heading', { level: 1 }).getByText('<img src=x').waitFor()
  await page.goto(`/clusters/${shownCluster}`)
  await settled(page)
  expect(faults).toEqual([])
  expect(hostileText).toContain('<script>')
})

it('asks for a token where one is needed, and says what a role may not see', async () => {
  const [viewer, analyst] = (['viewer', 'analyst'] as const).map((role) =>
    newToken({ name: role, role, expiresAt: '2999-01-01T00:00:00.000Z' }),
  )
  const tokenFile = join(newFolder(), 'tokens.json')
  writeFileSync(tokenFile, JSON.stringify({ tokens: [viewer!.entry, analyst!.entry] }))
  const guarded = await showConsole({ tokenFile })
  try {
    const { page } = await openPage(`${guarded.url}/`)
    await page.getByText('To see this, give a token').first().waitFor()
    const give = async (token: string): Promise<void> => {
      await page.getByLabel('Token', { exact: true }).first().fill(token)
      await page.getByRole('button', { name: 'Use it' }).first().click()
    }
    await give(viewer!.token)
    await page.getByRole('link', { name: 'Inflated clicks' }).waitFor()
    const live = verdictOf({ verdictId: 'v-live', accountId: 'came-live' })
    await guarded.publish(live)
    await page.getByText('came-live').first().waitFor()
    await page.goto(`${guarded.url}/verdicts/${shownVerdicts.steered}`)
    await page.getByText('Your role may not see this').first().waitFor()
    await give(analyst!.token)
    await settled(page)
    await page.getByRole('link', { name: 'Answer to an appeal' }).waitFor()
    await page.getByRole('button', { name: 'Forget my token' }).click()
    await page.getByText('To see this, give a token').first().waitFor()
  } finally {
    await guarded.close()
  }
})

it('says what is not there, and what is no address of it', async () => {
  const { page } = await openPage('/accounts/nobody')
  await page.getByText('Nothing is recommended against this account').waitFor()
  await page.goto('/verdicts/v-9')
  await page.getByText('Nothing is known here of Verdict').waitFor()
  await page.goto('/clusters/c-9')
  await page.getByText('Nothing is known here of Cluster').waitFor()
})

it('draws what happened to a cluster, and tells the same in a list that leads to the others', async () => {
  const { page, faults } = await openPage(`/clusters/${shownCluster}`)
  await settled(page)
  const life = page.getByRole('region', { name: 'How it came about and changed' })
  expect(await life.locator('circle').count()).toBe(4)
  expect(await life.getByRole('listitem').allTextContents()).toEqual([
    expect.stringContaining('came about with 5 members'),
    expect.stringContaining('grew to 9 members'),
    expect.stringContaining(`took in ${absorbedCluster}; 14 members since then`),
    expect.stringContaining('lost a part, which became c-0000000000000003; 5 members stayed'),
  ])
  await life.getByRole('link', { name: absorbedCluster, exact: true }).focus()
  await page.keyboard.press('Enter')
  await page.getByText('Nothing is known here of Cluster').waitFor()
  expect(new URL(page.url()).pathname).toBe(`/clusters/${absorbedCluster}`)
  // That nobody knows of it is an answer of 404, which the browser notes; nothing else went wrong.
  expect(faults.filter((fault) => !fault.includes('404'))).toEqual([])
})

it('shows in which settings another policy differs', async () => {
  const { page } = await openPage('/policy')
  await settled(page)
  await page.getByLabel('The other policy, as JSON').fill('{"version": "bold", "oneWrongIn": 50}')
  await page.getByRole('button', { name: 'Compare', exact: true }).click()
  await page.getByText('2 settings differ from bold').waitFor()
  await page.getByLabel('The other policy, as JSON').fill('{"oneWrongIn": 1}')
  await page.getByRole('button', { name: 'Compare', exact: true }).click()
  await page.getByText('is not what it should be').waitFor()
})

it('shows what another policy would have decided, and whether its gate holds', async () => {
  const { page, faults } = await openPage('/policy')
  await settled(page)
  const reports = page.getByRole('region', { name: 'Back-tests of other policies' })
  await reports.getByText('The gate does not hold').waitFor()
  await reports.getByText('newlyFlagged is 1, the gate is at most 0').waitFor()
  expect(await reports.locator('.facts').textContent()).toContain('Expected wrong verdicts0.0031 → 0.42')
  const row = reports.getByRole('row', { name: 'Steered accounts' })
  expect(await row.getByRole('cell').allTextContents()).toEqual(['1', '0', '0', '1', '0', '0'])
  await reports.getByRole('combobox', { name: 'Report' }).selectOption('calm.json')
  await reports.getByText('No gate was set').waitFor()
  expect(await reports.getByText('Nobody.').count()).toBe(2)
  await reports.getByRole('combobox', { name: 'Report' }).selectOption('bold.json')
  await reports.getByRole('link', { name: 'daily-bread' }).click()
  await page.getByRole('heading', { level: 1, name: 'daily-bread' }).waitFor()
  expect(faults).toEqual([])
})

it('prints the verdict and the answer, and nothing to press', async () => {
  const { page } = await openPage(`/verdicts/${shownVerdicts.clicks}`, { theme: 'dark' })
  await settled(page)
  await page.emulateMedia({ media: 'print' })
  expect(await page.getByRole('button').filter({ visible: true }).count()).toBe(0)
  await page.getByText('How to check it by hand').waitFor()
  expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)')
  const pdf = await page.pdf({ format: 'A4' })
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
})

it('weighs less than 120 kB as it is sent', () => {
  const assets = join(builtConsole(), 'assets')
  const packed = readdirSync(assets).filter((name) => name.endsWith('.gz'))
  const bytes = packed.reduce((sum, name) => sum + readFileSync(join(assets, name)).length, 0)
  expect(packed).toHaveLength(3)
  expect(bytes).toBeLessThan(120_000)
})
