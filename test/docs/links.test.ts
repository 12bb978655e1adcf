import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { anchorsOf, linksOf, markdownFiles, read, root } from './markdown'

const files = markdownFiles()

it.each(files)('%s links to what there is, files and headings', (file) => {
  const broken = linksOf(read(file)).filter((target) => {
    if (/^[a-z]+:/.test(target)) return false
    const [path = '', anchor] = decodeURI(target).split('#')
    const place = path === '' ? file : join(dirname(file), path)
    if (!existsSync(join(root, place))) return true
    return anchor !== undefined && place.endsWith('.md') && !anchorsOf(read(place)).includes(anchor)
  })
  expect(broken).toEqual([])
})

it('every page of the documentation is reached from its first one', () => {
  const reached = new Set<string>()
  const follow = (file: string): void => {
    if (reached.has(file) || !file.startsWith('docs/') || !file.endsWith('.md')) return
    reached.add(file)
    for (const target of linksOf(read(file))) {
      if (!/^(?:[a-z]+:|#)/.test(target)) follow(normalize(join(dirname(file), target.split('#')[0]!)))
    }
  }
  follow('docs/README.md')
  const ours = files.filter((file) => /^docs\/(?:tutorial|how-to|reference|explanation|zh)\//.test(file))
  expect(ours.length).toBeGreaterThan(25)
  expect(ours.filter((file) => !reached.has(file))).toEqual([])
})
