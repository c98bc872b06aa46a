import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '@mantine/core/styles.css';
import './theme.css';
import { App } from './app';
import { createRouterStore } from './bridge';
import { pageAt } from '../shared/model/page';
import { styleNonce } from './style-nonce';
import { theme } from './theme';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

const nonce = styleNonce(document);

createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <App store={createRouterStore(window.router)} firstPage={pageAt(window.location.hash)} />
    </MantineProvider>
  </StrictMode>,
);
