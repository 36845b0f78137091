// The licence texts of everything that was bundled, as one text file.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const RULE = '='.repeat(80);
const FONT = `codicon.ttf: Visual Studio Code icons, (c) Microsoft Corporation, unchanged, CC BY 4.0
https://github.com/microsoft/vscode-codicons`;
const LEGAL = /^(licen[cs]e|copying|notice|third-?party-?notices)(\.|$)/i;

/** Folders of the packages that gave at least one file to a bundle. */
function packages(metafiles) {
  const inputs = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const folders = inputs.map((path) => path.match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//)?.[1]);
  return [...new Set(folders.filter(Boolean))].sort();
}

/** One package's name, version, licence and legal files. */
async function notice(root, folder) {
  const { name, version, license } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
  const legal = (await readdir(join(root, folder))).filter((file) => LEGAL.test(file)).sort();
  const texts = await Promise.all(legal.map((file) => readFile(join(root, folder, file), 'utf8')));
  const tidy = texts.map((text) => text.replace(/\r/g, '').trim());
  return [RULE, `${name} ${version} (${license})`, RULE, ...tidy].join('\n');
}

/** The text, sorted by package. */
export async function licences(root, metafiles) {
  const notices = await Promise.all(packages(metafiles).map((folder) => notice(root, folder)));
  return [FONT, ...new Set(notices)].join('\n\n') + '\n';
}
