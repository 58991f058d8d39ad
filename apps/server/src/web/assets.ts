import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What the build makes for pages to load, by the names that the sources have for them. */
type AssetName = 'docket.css' | 'docket.js' | 'favicon.svg';

/** Where browsers load them from. */
export const ASSETS_PREFIX = '/assets/';

/** The folder that the build wrote: beside what was built, and below `dist` for who runs the sources. */
function builtAssets(): { readonly folder: string; readonly names: Readonly<Record<AssetName, string>> } {
  for (const up of ['../../../../assets/', '../../../../dist/assets/']) {
    const folder = fileURLToPath(new URL(up, import.meta.url));
    try {
      const names = JSON.parse(readFileSync(`${folder}manifest.json`, 'utf8')) as Record<AssetName, string>;
      return { folder, names };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new Error('What pages load is not built; run "npm run build"');
}

const built = builtAssets();

export const ASSETS_FOLDER = built.folder;

/** The address of an asset; its name holds a digest, so that what is there never changes. */
export const assetAddress = (name: AssetName): string => `${ASSETS_PREFIX}${built.names[name]}`;
