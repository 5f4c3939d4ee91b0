/** Fetched things: what is shown before, while and after they are fetched. */
import { expect, test } from 'vitest';
import { Resource } from './resource.ts';

function controlled() {
  const open: { resolve: (value: string) => void; reject: (error: unknown) => void }[] = [];
  const resource = new Resource<string>(() => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    open.push({ resolve, reject });
    return promise;
  });
  return { resource, open };
}

test('the last good answer stays while it is asked again, and when that fails', async () => {
  const { resource, open } = controlled();
  const first = resource.refresh();
  expect(resource.value).toEqual({ data: undefined, error: undefined, loading: true });
  open[0]?.resolve('one');
  await first;
  const second = resource.refresh();
  expect(resource.value).toEqual({ data: 'one', error: undefined, loading: true });
  open[1]?.reject('broken');
  await second;
  expect(resource.value).toEqual({ data: 'one', error: 'broken', loading: false });
});

test('however often it is asked for while it is fetched, it is fetched once more', async () => {
  const { resource, open } = controlled();
  const all = Promise.all([resource.refresh(), resource.refresh(), resource.refresh()]);
  open[0]?.resolve('old');
  await expect.poll(() => open.length).toBe(2);
  open[1]?.resolve('new');
  await all;
  expect(resource.value.data).toBe('new');
  expect(open).toHaveLength(2);
});

test('an answer that comes after it was cleared is dropped', async () => {
  const { resource, open } = controlled();
  const refresh = resource.refresh();
  resource.clear();
  open[0]?.resolve('of the person before');
  await refresh;
  expect(resource.value.data).toBeUndefined();
});
