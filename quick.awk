# For "make quick": the packages whose files have changed. Lines are the module's packages; FILES are the files, and MODULE is the module's path.
{ packages[$1] = 1 }

END {
	# The tests of these look at every file.
	changed[ENVIRON["MODULE"]] = changed[ENVIRON["MODULE"] "/docs"] = changed[ENVIRON["MODULE"] "/internal/wording"] = 1
	n = split(ENVIRON["FILES"], files, "\n")
	for (i = 1; i <= n; i++) {
		# What every package is built from.
		everything = everything || files[i] ~ /^go\.(mod|sum)$/
		# A file that is embedded lies below its package.
		for (folder = files[i]; sub(/\/[^\/]*$/, "", folder); ) if ((ENVIRON["MODULE"] "/" folder) in packages) {
			changed[ENVIRON["MODULE"] "/" folder] = 1
			break
		}
	}
	for (p in packages) if (everything || p in changed) print p
}
