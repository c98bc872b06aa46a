// Draws the PNG files from the SVG files beside this one. Run after changing an icon:
//   npx electron assets/render-icons.mjs
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { app, BrowserWindow } from 'electron';

const states = ['disconnected', 'connecting', 'connected', 'degraded', 'failed', 'locked'];
const folder = import.meta.dirname;

const inPage = `(async (svg, size) => {
  const image = new Image();
  image.src = 'data:image/svg+xml;base64,' + btoa(svg);
  await image.decode();
  const canvas = new OffscreenCanvas(size, size);
  canvas.getContext('2d').drawImage(image, 0, 0, size, size);
  const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
  return btoa(String.fromCharCode(...bytes));
})`;

async function draw(page, svg, size, file) {
  const base64 = await page.executeJavaScript(`${inPage}(${JSON.stringify(svg)}, ${size})`);
  await writeFile(join(folder, file), Buffer.from(base64, 'base64'));
}

async function drawAll(page) {
  for (const state of states) {
    const svg = await readFile(join(folder, 'tray', `${state}.svg`), 'utf8');
    const template = svg.replace(/ color="#\w+"/, ' color="#000"');
    await draw(page, svg, 16, `tray/${state}.png`);
    await draw(page, svg, 32, `tray/${state}@2x.png`);
    await draw(page, svg, 48, `tray/${state}@3x.png`);
    await draw(page, svg, 64, `tray/${state}-panel.png`);
    await draw(page, template, 16, `tray/${state}Template.png`);
    await draw(page, template, 32, `tray/${state}Template@2x.png`);
  }
  await draw(page, await readFile(join(folder, 'icon.svg'), 'utf8'), 512, 'icon.png');
}

void app.whenReady().then(async () => {
  const window = new BrowserWindow({ show: false });
  await window.loadURL('data:text/html,<title>icons</title>');
  await drawAll(window.webContents);
  app.exit(0);
});
