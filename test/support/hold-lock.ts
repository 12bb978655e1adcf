/** Takes the lock of a folder, says so and holds it until it is killed or its input ends. */
import { FolderLock } from '../../src/store/folder-lock'

async function main([folder]: string[]): Promise<void> {
  const say = (text: string) => process.stdout.write(text + '\n')
  try {
    const lock = await FolderLock.acquire(folder!)
    say('held')
    process.stdin.resume().on('end', () => void lock.release())
  } catch (error) {
    say((error as Error).message)
  }
}

void main(process.argv.slice(2))
