import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestApp, testApp } from './app-for-tests.ts';

let it: TestApp;
beforeAll(async () => {
  it = await testApp();
});
afterAll(() => it.close());

describe('the description of the service', () => {
  interface Described {
    openapi: string;
    paths: Record<
      string,
      Record<string, { security?: object[]; requestBody?: object; responses: Record<string, object> }>
    >;
    components: { securitySchemes: object; schemas: object };
  }
  let description: Described;
  beforeAll(async () => {
    description = (await it.ask('GET', '/openapi.json')).json as unknown as Described;
  });

  test('lists exactly the routes that the app has', () => {
    const described = Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    const handled = it.app.routes
      .filter(({ method, path }) => method !== 'ALL' && path !== '/openapi.json' && path !== '/asyncapi.json')
      .map(({ method, path }) => `${method.toLowerCase()} ${path.replace(/:(\w+)/g, '{$1}')}`);
    expect(described.sort()).toEqual([...new Set(handled)].sort());
    expect(described.length).toBeGreaterThan(20);
  });

  test('says of each what it takes, what comes back, who may use it and how it fails', () => {
    expect(description.openapi).toBe('3.1.0');
    expect(description.components.securitySchemes).toEqual({
      bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
    });
    const behind = description.paths['/api/users/me']?.['patch'];
    expect(behind?.security).toEqual([{ bearer: [] }]);
    expect(JSON.stringify(behind?.requestBody)).toContain('doNotDisturb');
    expect(Object.keys(behind?.responses ?? {})).toEqual(['200', '400', '401', '409', '413', '500']);
    const bodyOf = (path: string) => description.paths[path]?.['post']?.requestBody;
    expect(bodyOf('/api/auth/login')).toMatchObject({ required: true });
    expect(bodyOf('/api/rtc/calls/{id}/reject')).toMatchObject({ required: false });
    expect(description.paths['/api/auth/login']?.['post']?.security).toBeUndefined();
    for (const [path, methods] of Object.entries(description.paths)) {
      if (!path.startsWith('/api/')) continue;
      for (const operation of Object.values(methods)) {
        expect(Object.keys(operation.responses)).toContain('200');
        expect(JSON.stringify(operation.responses)).toContain('#/components/schemas/Failure');
      }
    }
  });

  test('is plain JSON Schema throughout: each pattern is a text', () => {
    const text = JSON.stringify(description);
    expect(text).not.toMatch(/"pattern":\{|~kind|~refine/);
    expect(text).toContain('"pattern":"^[\\\\p{L}');
  });
});
