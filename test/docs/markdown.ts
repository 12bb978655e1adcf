import { readFileSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'

export const root = join(__dirname, '../..')

/** Every page of the repository, by its path from the root. */
export function markdownFiles(folder = root): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return notOurs.includes(entry.name) ? [] : markdownFiles(path)
    return entry.name.endsWith('.md') ? [relative(root, path)] : []
  })
}

const notOurs = ['node_modules', 'dist', 'coverage', '.git']

export function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

/** A block of code in a page: the words behind its fence, and what stands in it. */
export interface CodeBlock {
  readonly language: string
  readonly about: string
  readonly code: string
}

export function codeBlocks(text: string): CodeBlock[] {
  return [...text.matchAll(/^( *)```(\w+)(?: (.*))?\n([^]*?)^\1```$/gm)].map(
    ([, indent, language, about, code]) => ({
      language: language!,
      about: about ?? '',
      code: code!.replaceAll(new RegExp(`^${indent!}`, 'gm'), ''),
    }),
  )
}

/** The text of a page without its code, in which nothing is a link or a heading. */
export function withoutCode(text: string): string {
  return text
    .replaceAll(/^( *)```[^]*?^\1```$/gm, '')
    .replaceAll(/`[^`\n]*`/g, (code) => code.replaceAll(/[[\]()]/g, ' '))
}

/** What a page links to, as it is written. */
export function linksOf(text: string): string[] {
  return [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!)
}

/** The anchors of the headings of a page, as GitHub makes them. */
export function anchorsOf(text: string): string[] {
  const seen = new Map<string, number>()
  return [...text.replaceAll(/^( *)```[^]*?^\1```$/gm, '').matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) => {
    const words = heading!.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const slug = words.replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '').replaceAll(' ', '-')
    const before = seen.get(slug) ?? 0
    seen.set(slug, before + 1)
    return before === 0 ? slug : `${slug}-${before}`
  })
}
