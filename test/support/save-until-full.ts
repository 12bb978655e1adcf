/** Saves ever larger checkpoints and says after each which one is safe, until one is refused or it is killed. */
import { FileCheckpointStore } from '../../src/store/file-checkpoint-store'

async function main([folder]: string[]): Promise<void> {
  const store = await FileCheckpointStore.open(folder!)
  for (let saved = 0; ; saved++) {
    const say = (more: object) => process.stdout.write(JSON.stringify({ saved, ...more }) + '\n')
    if (saved > 0) say({})
    try {
      const parts = [new Uint8Array(1000 * saved).fill(saved), new Uint8Array(3333)]
      await store.save('account-0', { sequence: saved + 1, parts })
    } catch (error) {
      say({ error: String(error) })
      return
    }
  }
}

void main(process.argv.slice(2))
