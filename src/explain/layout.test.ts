import { layOut, widthOf } from './layout'
import { nameOf, printable, printableJson, quoted } from './name'

const item = (text: string, details: string[] = []) => ({ text, details })

it('breaks lines at words, and Chinese at characters but never before its punctuation', () => {
  const text = layOut(
    {
      title: 'Title',
      sections: [
        {
          title: 'Part',
          isList: true,
          items: [item('one two three four five'), item('其中三个账号共用设备，属正常水平。')],
        },
      ],
    },
    20,
  )
  expect(text.split('\n')).toEqual([
    'Title',
    '',
    'Part',
    '  1. one two three',
    '     four five',
    '  2. 其中三个账号共',
    '     用设备，属正常',
    '     水平。',
    '',
  ])
  for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(20)
})

it('leaves an id whole, and a record that is to be copied on one line', () => {
  const id = 'v-18c29b1310eefe97f72d395b90162f05'
  const verbatim = { ...item(`{"verdictId": "${id}"}`), isVerbatim: true }
  const lines = layOut(
    { title: 'T', sections: [{ title: '', items: [item(`see ${id} there`), verbatim] }] },
    20,
  ).split('\n')
  expect(lines).toContain(`    ${id}`)
  expect(lines).toContain(`    {"verdictId": "${id}"}`)
})

describe('what somebody called himself', () => {
  it.each([
    ['plain-id_1', 'plain-id_1'],
    ['人民日报', '人民日报'],
    ['cleared. It is honest', '"cleared. It is honest"'],
    ['a" b', '"a\\" b"'],
    ['', '""'],
    ['-x', '"-x"'],
  ])('%j reads %s in a sentence', (id, name) => {
    expect(nameOf(id)).toBe(name)
  })

  it('cannot act on a terminal, turn the line around or end it', () => {
    const hostile = ['\u001b[2J', '\u009b31m', '\u202e', '\u2028', '\u200b', '\r\n', '\u0007', '\ud800']
    for (const part of hostile) {
      const text = layOut({ title: `x${part}y`, sections: [] }, 80)
      expect(text).not.toContain(part)
      expect(text.trimEnd().split('\n')).toHaveLength(1)
    }
    expect(printable('a\u001b[2J')).toBe('a\\u{1b}[2J')
  })

  it('is the same value in JSON that can be printed', () => {
    const value = { id: '\u001b\u009b\u202e\u2028😀\u{e0001}' }
    const json = printableJson(JSON.stringify(value))
    expect(JSON.parse(json)).toEqual(value)
    expect(json).not.toMatch(/[\u007f-\u009f\u2028\u202e]/)
  })

  it('is shortened where it is a long text', () => {
    expect(quoted('一'.repeat(300), 10)).toBe(`"${'一'.repeat(10)}…"`)
  })
})
