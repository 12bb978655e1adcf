import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { analyse } from 'scslre'
import ts from 'typescript'

/** No text that somebody sends can make a regular expression take longer than its length allows. */

const root = join(__dirname, '../../src')

interface Expression {
  readonly file: string
  readonly source: string
  readonly flags: string
}

/** What may look at a character more than a few times, and why that harms nobody. */
const known: Readonly<Record<string, string>> = {
  'text/look-alikes.ts [a-z0-9\\u0370-\\u052f]+?(?=https?:\\/\\/|[^a-z0-9\\u0370-\\u052f]|$)':
    'a word always ends, so that nothing is tried twice',
  'console/differences.ts [\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}]|[\\p{L}\\p{M}\\p{N}]+?(?=[\\p{Script=Han}]|[^\\p{L}\\p{M}\\p{N}]|$)|\\s+|[^]':
    'a word always ends, so that nothing is tried twice',
  'evaluate/real/market-offers.ts (\\d{1,3}(?: \\d{3})+|\\d+)(?:\\s*[-–]\\s*(\\d{1,3}(?: \\d{3})+|\\d+))?\\s*([кk]?)\\s*(?:[а-яё]+\\.?)?\\s*(?:\\/|в)\\s*(сут|день|дня|час)':
    'reads a published data set that somebody chose, and nothing that is sent',
}

const nameOf = ({ file, source }: Expression) => `${file} ${source}`
const expressions = expressionsIn(root)

it('are all found', () => {
  expect(expressions.length).toBeGreaterThan(150)
  expect(Object.keys(known).filter((name) => !expressions.map(nameOf).includes(name))).toEqual([])
})

it('the analysis tells what is dear from what is not', () => {
  const isDear = (source: string) => slownessOf({ file: '', source, flags: '' }).length > 0
  expect(['(a+)+$', '(?:a|a)*b', '\\s+$', 'a*a*b', '^a+b', '\\d{1,9}x'].map(isDear)).toEqual([
    ...[true, true, true, true],
    ...[false, false],
  ])
})

it('take a time that grows no faster than what they read', () => {
  const slow = expressions.filter((one) => known[nameOf(one)] === undefined).flatMap(slownessOf)
  expect(slow).toEqual([])
})

function slownessOf(expression: Expression): string[] {
  const { source, flags } = expression
  return analyse({ source, flags }).reports.map(
    ({ type, exponential }) =>
      `${nameOf(expression)}: ${exponential ? 'exponential' : 'polynomial'}, ${type}`,
  )
}

/** Literals as they stand, and what is built of strings with a word in the place of each part that is put in. */
function expressionsIn(folder: string): Expression[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return files
    .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.test.ts'))
    .flatMap((file) => {
      const text = readFileSync(join(folder, file), 'utf8')
      const found: Expression[] = []
      const visit = (node: ts.Node): void => {
        if (ts.isRegularExpressionLiteral(node)) {
          const end = node.text.lastIndexOf('/')
          found.push({ file, source: node.text.slice(1, end), flags: node.text.slice(end + 1) })
        }
        const [source, flags] = builtFrom(node) ?? []
        if (source !== undefined)
          found.push({ file, source: written(source), flags: flags === undefined ? '' : written(flags) })
        ts.forEachChild(node, visit)
      }
      visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest))
      return found
    })
}

function builtFrom(node: ts.Node): readonly ts.Expression[] | undefined {
  const isBuilt =
    (ts.isNewExpression(node) || ts.isCallExpression(node)) &&
    ts.isIdentifier(node.expression) &&
    node.expression.text === 'RegExp'
  return isBuilt ? node.arguments : undefined
}

function written(node: ts.Expression): string {
  if (ts.isStringLiteralLike(node)) return node.text
  if (!ts.isTemplateExpression(node))
    throw new Error('an expression is built of something other than a string')
  return [node.head.text, ...node.templateSpans.map(({ literal }) => `x${literal.text}`)].join('')
}
