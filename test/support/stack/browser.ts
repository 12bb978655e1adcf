import { mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'
import { libraryPath, onPath, unpacked } from './install'

/**
 * A browser without a window: the chromium of the PATH, or the one of Debian's packages, which needs no root. It has a
 * font for Chinese, so that what is looked at is what a reader sees.
 */
export async function openBrowser(): Promise<Browser> {
  const { executablePath, env } = await browserProgram()
  return chromium.launch({ executablePath, env, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
}

const packages = ['chromium', 'fonts-noto-cjk', 'fonts-dejavu-core']

async function browserProgram(): Promise<{ executablePath: string; env: Record<string, string> }> {
  const found = onPath('chromium') ?? onPath('google-chrome')
  if (found !== undefined) return { executablePath: found, env: wordsOf(process.env) }
  const folder = await unpacked('chromium', packages)
  return {
    // The one in usr/bin is a script that looks for the rest at the root of the system.
    executablePath: join(folder, 'usr/lib/chromium/chromium'),
    env: wordsOf({ ...process.env, ...(await librariesOf(folder)), FONTCONFIG_FILE: fontsOf(folder) }),
  }
}

/** One of its libraries has a folder of its own for a part of it. */
async function librariesOf(folder: string): Promise<NodeJS.ProcessEnv> {
  const { LD_LIBRARY_PATH: path = '' } = await libraryPath(folder)
  const folders = path.split(delimiter).flatMap((one) => [one, join(one, 'pulseaudio')])
  return { LD_LIBRARY_PATH: folders.join(delimiter) }
}

/** Fonts are looked for where they were unpacked, and in the system. */
function fontsOf(folder: string): string {
  const cache = join(folder, 'fonts-cache')
  mkdirSync(cache, { recursive: true })
  const file = join(folder, 'fonts.conf')
  const folders = [join(folder, 'usr/share/fonts'), '/usr/share/fonts']
  const lines = [...folders.map((one) => `<dir>${one}</dir>`), `<cachedir>${cache}</cachedir>`]
  writeFileSync(file, `<?xml version="1.0"?>\n<fontconfig>\n${lines.join('\n')}\n</fontconfig>\n`)
  return file
}

function wordsOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
