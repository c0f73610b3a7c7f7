package rules

import "github.com/spf13/pflag"

// Options say which rules run.
type Options struct {
	Add  []string // folders of rules beside the shipped ones
	Only string   // folder of rules instead of the shipped ones
}

// AddFlags binds the options to a command's flags.
func (o *Options) AddFlags(f *pflag.FlagSet) {
	f.StringArrayVar(&o.Add, "rules", nil, "`folder` of rules to run beside the shipped ones; repeatable")
	f.StringVarP(&o.Only, "only-rules", "S", "", "`folder` of rules to run instead of the shipped ones")
}
