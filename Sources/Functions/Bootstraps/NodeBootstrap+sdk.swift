/// The part of the Node bootstrap that lends functions the machine's AWS SDK.
let nodeSDKLoan = #"""
    // --- AWS's SDK

    // Lambda's runtime brings the SDK along. Where the function has none, it is the one that is installed on the
    // machine, and nothing else of what is installed there.
    const lent = ["@aws-sdk", "@smithy", "@aws-crypto", "@aws"];
    // The SDK's second version came with Node 16 and older ones alone.
    if (Number(/nodejs(\d+)/.exec(process.env.AWS_EXECUTION_ENV)?.[1]) <= 16) lent.push("aws-sdk");
    const missing = ["MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND"];

    function isLent(name, lent) {
      return lent.some((place) => `${name}/`.startsWith(`${place}/`));
    }

    function lendSDK(directory) {
      const resolve = module._resolveFilename;
      module._resolveFilename = function (name, ...rest) {
        try {
          return resolve.call(this, name, ...rest);
        } catch (error) {
          if (!missing.includes(error.code) || !isLent(String(name), lent)) throw error;
          try {
            return resolve.call(this, name, rest[0], false, { paths: [directory] });
          } catch {
            throw error;
          }
        }
      };
      // For imports, the same: in the thread that Node keeps for it, or by hooks in those to come that have none.
      const options = { missing, lent, parentURL: pathToFileURL(path.join(directory, "_")).href };
      if (!module.register) return module.registerHooks?.(importHooks(options));
      const source = `let hooks;
        ${isLent}
        ${importHooks}
        export const initialize = (options) => { hooks = importHooks(options); };
        export const resolve = async (name, context, next) => {
          try { return await next(name, context); } catch (error) { return hooks.retry(error, name, context, next); }
        };`;
      module.register(`data:text/javascript,${encodeURIComponent(source)}`, { data: options });
    }

    function importHooks({ missing, lent, parentURL }) {
      const retry = (error, name, context, next) => {
        if (!missing.includes(error.code) || !isLent(name, lent)) throw error;
        return next(name, { ...context, parentURL });
      };
      const resolve = (name, context, next) => {
        try {
          return next(name, context);
        } catch (error) {
          return retry(error, name, context, next);
        }
      };
      return { resolve, retry };
    }

    if (options.has("sdk")) lendSDK(options.get("sdk"));
    """#
