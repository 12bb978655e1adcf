import { number, Progress, table } from './progress'

it('writes a number as people read it', () => {
  expect([0, 7, 999, 1000, 1234567.4, -1000].map(number)).toEqual([
    '0',
    '7',
    '999',
    '1,000',
    '1,234,567',
    '-1,000',
  ])
})

it('sets columns, the first to the left and the others to the right, without blanks at the end', () => {
  const rows = [
    ['records', '1,000', ''],
    ['too late', '7', 'x'],
  ]
  expect(table(rows)).toBe('records   1,000\ntoo late      7  x\n')
  expect(table([])).toBe('')
  expect(table([['a'], ['b', '1']])).toBe('a\nb  1\n')
})

describe('progress', () => {
  const { isTTY } = process.stderr
  const written: string[] = []

  beforeEach(() => {
    written.length = 0
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
      written.push(String(text))
      return true
    })
  })
  afterEach(() => {
    jest.restoreAllMocks()
    process.stderr.isTTY = isTTY
  })

  it('says nothing where nobody watches', () => {
    process.stderr.isTTY = false
    const progress = new Progress('records')
    progress.tell(1000)
    progress.end()
    expect(written).toEqual([])
  })

  it('writes one line over itself on a terminal, and clears it once', () => {
    process.stderr.isTTY = true
    const progress = new Progress('records')
    progress.tell(1000, '3 verdicts')
    // Too soon to be told.
    progress.tell(1001, '3 verdicts')
    progress.end()
    progress.end()
    expect(written[0]).toMatch(/^\r\u001b\[K1,000 records, [\d,]+ a second 3 verdicts$/)
    expect(written.slice(1)).toEqual(['\r\u001b[K'])
  })
})
