// Preloaded into Electron by figures.ts: notes when a window is true, and closes windows on SIGUSR2.
const { appendFileSync } = require('node:fs');
const { app, BrowserWindow } = require('electron');

const path = process.env.MCP_ROUTER_FIGURES_FILE ?? '';

/** Resolves in the page when a frame with this headline was painted. */
const painted = `new Promise((resolve) => {
  const look = () => {
    if (document.querySelector('h1')?.textContent !== 'Connected') return false;
    observer.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => resolve(true)));
    return true;
  };
  const observer = new MutationObserver(look);
  observer.observe(document, { subtree: true, childList: true, characterData: true });
  look();
})`;

app.on('browser-window-created', (_event, window) => {
  const visible = new Promise((resolve) => window.once('show', () => resolve(true)));
  window.webContents.once('dom-ready', () => {
    void Promise.all([visible, window.webContents.executeJavaScript(painted)]).then(() =>
      appendFileSync(path, `${String(Date.now())}\n`),
    );
  });
});

process.on('SIGUSR2', () => {
  for (const window of BrowserWindow.getAllWindows()) window.close();
});
