// @ts-check
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import yauzl from 'yauzl';

/**
 * Extracts what `choose` wants from a zip file. Names that would leave the target are refused by the reader.
 * @param {string} zip
 * @param {string} target
 * @param {(name: string) => string | null} choose name in the zip -> path below `target`, or null to leave it out
 * @returns {Promise<number>} how many files were written
 */
export async function extractChosen(zip, target, choose) {
  /** @type {(path: string, options: yauzl.Options) => Promise<yauzl.ZipFile>} */
  const open = promisify(yauzl.open);
  const file = await open(zip, { lazyEntries: true });
  const openEntry = promisify(file.openReadStream.bind(file));
  let written = 0;
  await new Promise((resolve, reject) => {
    /** @param {yauzl.Entry} entry */
    const take = async (entry) => {
      const path = entry.fileName.endsWith('/') ? null : choose(entry.fileName);
      if (path !== null) {
        const destination = join(target, path);
        mkdirSync(dirname(destination), { recursive: true });
        const isProgram = ((entry.externalFileAttributes >>> 16) & 0o111) !== 0;
        await pipeline(
          await openEntry(entry),
          createWriteStream(destination, { mode: isProgram ? 0o755 : 0o644 }),
        );
        written += 1;
      }
      file.readEntry();
    };
    file.on('entry', (entry) => void take(entry).catch(reject));
    file.on('end', resolve);
    file.on('error', reject);
    file.readEntry();
  }).finally(() => file.close());
  return written;
}
