import { OneCopyError, messageOf } from "../base/index.ts";

/** Loads a package that is installed only where its stores are used. Fails with `storage.package_missing`. */
export async function optionalPackage<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw new OneCopyError("storage.package_missing", `${name} could not be loaded: ${messageOf(cause)}`, {
      cause,
      remedy: `Install it beside onecopy: npm install ${name}`,
    });
  }
}
