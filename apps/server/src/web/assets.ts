import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Built assets by their source names. */
type AssetName = 'docket.css' | 'docket.js' | 'favicon.svg';

export const ASSETS_PREFIX = '/assets/';

/** Finds the built assets, next to the build or, when run from source, in `dist`. */
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
  throw new Error('The assets of the pages are not built; run "npm run build"');
}

const built = builtAssets();

export const ASSETS_FOLDER = built.folder;

/** Returns the address of an asset. Its name contains a digest, so it can be cached for ever. */
export const assetAddress = (name: AssetName): string => `${ASSETS_PREFIX}${built.names[name]}`;
