import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { simplifiedForms } from '../../src/text/simplified'
import { cache, copyJars, java, madeOnce, required, runToEnd } from './stack/install'

/** Where the programs of the peers lie, each in a folder of its name. */
export const peersFolder = join(__dirname, '../../src/bench/peers')

/** The class path of a Java peer: the jars of its pom, fetched, and its own classes, compiled. */
export async function javaPeer(name: string, main: string): Promise<string> {
  const pom = join(peersFolder, name, 'pom.xml')
  const source = join(peersFolder, name, `${main}.java`)
  java()
  const javac = required('javac', 'A Java development kit, 17 or newer,')
  const jars = await madeOnce(await placeOf(`${name}-jars`, [pom]), (folder) => copyJars(folder, pom))
  const classPath = join(jars, '*')
  const classes = await madeOnce(await placeOf(`${name}-classes`, [pom, source]), (folder) =>
    runToEnd(javac, ['-d', folder, '-cp', classPath, source]),
  )
  return `${classes}:${classPath}`
}

/** The Python of an environment that holds what a peer requires. */
export async function pythonPeer(name: string): Promise<string> {
  const python = required('python3', 'Python 3.10 or newer with its venv module')
  const requirements = join(peersFolder, name, 'requirements.txt')
  const environment = await madeOnce(await placeOf(`${name}-python`, [requirements]), async (folder) => {
    await runToEnd(python, ['-m', 'venv', folder])
    const quietly = ['-q', '--disable-pip-version-check']
    await runToEnd(join(folder, 'bin/python'), ['-m', 'pip', 'install', ...quietly, '-r', requirements])
  })
  return join(environment, 'bin/python')
}

/** A peer in C, compiled for this machine: one file, and the headers beside it. */
export async function cPeer(name: 'limit' | 'checked'): Promise<string> {
  const compiler = required('gcc', 'A C compiler')
  const sources = join(peersFolder, 'limit')
  const source = join(sources, `${name}.c`)
  const headers = (await readdir(sources)).filter((file) => file.endsWith('.h')).sort()
  const files = [source, ...headers.map((header) => join(sources, header))]
  const folder = await madeOnce(await placeOf(name, files), (made) =>
    runToEnd(compiler, ['-O3', '-march=native', '-o', join(made, name), source, '-lm']),
  )
  return join(folder, name)
}

/** The simplified forms of ideographs as a file, since a program of C cannot ask the package that knows them. */
export async function formsFile(): Promise<string> {
  const { buffer, byteOffset, byteLength } = simplifiedForms()
  const bytes = Buffer.from(buffer, byteOffset, byteLength)
  const folder = join(cache, `peer-forms-${createHash('sha256').update(bytes).digest('hex').slice(0, 8)}`)
  await madeOnce(folder, (made) => writeFile(join(made, 'forms'), bytes))
  return join(folder, 'forms')
}

/** A folder that is another one when the files are. */
async function placeOf(name: string, files: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const file of files) hash.update(await readFile(file))
  await mkdir(cache, { recursive: true })
  return join(cache, `peer-${name}-${hash.digest('hex').slice(0, 8)}`)
}
