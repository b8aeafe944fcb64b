// With a file like this in the package, the compiler takes a function that has no body here (see load).
