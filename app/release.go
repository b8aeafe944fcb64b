package app

// Release is the version that CHANGELOG.md begins with; a test holds the two together.
const Release = "0.1.0"
