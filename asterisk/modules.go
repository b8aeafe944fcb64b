package asterisk

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// modules are the modules that a call needs, and the modules that these need. With autoload Asterisk loads 350, logs dozens of errors, and
// asks name servers on behalf of features that nobody uses (docs/asterisk.md).
var modules = []string{
	// what the dialplan says and does
	"pbx_config", "app_channelredirect", "app_dial", "app_echo", "app_exec", "app_originate", "app_playback", "app_record", "app_stack", "app_stasis", "app_verbose",
	"func_callerid", "func_channel", "func_cut", "func_db", "func_export", "func_global", "func_groupcount", "func_import", "func_lock", "func_logic",
	"func_strings", "func_talkdetect", "func_timeout", "func_uri",
	// sound
	"bridge_simple", "bridge_native_rtp", "bridge_holding", "bridge_softmix",
	"codec_alaw", "codec_ulaw", "codec_a_mu", "codec_g722", "codec_resample",
	"format_pcm", "format_wav", "res_rtp_asterisk", "res_timing_timerfd",
	// SIP
	"res_pjproject", "res_sorcery_config", "res_sorcery_memory", "res_sorcery_astdb",
	"chan_pjsip", "res_pjsip", "res_pjsip_session", "res_pjsip_pubsub",
	"res_pjsip_authenticator_digest", "res_pjsip_outbound_authenticator_digest",
	"res_pjsip_endpoint_identifier_ip", "res_pjsip_endpoint_identifier_user",
	"res_pjsip_registrar", "res_pjsip_acl", "res_security_log", "res_pjsip_outbound_registration",
	"res_pjsip_caller_id", "res_pjsip_dtmf_info", "res_pjsip_header_funcs", "res_pjsip_nat", "res_pjsip_notify", "res_pjsip_rfc3326",
	"res_pjsip_sdp_rtp", "res_pjsip_dlg_options",
	// ARI
	"res_http_websocket", "res_websocket_client", "res_stasis", "res_stasis_answer", "res_stasis_playback", "res_stasis_recording",
	"res_stasis_snoop", "res_ari", "res_ari_model", "res_ari_applications", "res_ari_asterisk", "res_ari_bridges",
	"res_ari_channels", "res_ari_endpoints", "res_ari_events", "res_ari_playbacks", "res_ari_recordings",
}

// optional are modules that some versions from 20 on lack, because they came later or are part of another module; and one without which callers who
// talk like a recording are not noticed, which stops no call.
var optional = map[string]bool{"func_import": true, "func_talkdetect": true, "res_websocket_client": true}

const modulesFile = "modules.conf"

// encrypting is the module that a trunk with SRTP needs.
const encrypting = "res_srtp"

// modulesConf lists the modules that are there. It returns an error if one that a call needs is missing.
func modulesConf(dir string, site Site) (string, error) {
	var b strings.Builder
	needed := modules
	if site.HasSRTP() {
		needed = append(slices.Clone(modules), encrypting)
	}
	b.WriteString("; Written by \"ringfence asterisk config\": what a call needs, and nothing else.\n[modules]\nautoload = no\n")
	for _, m := range needed {
		if _, err := os.Stat(filepath.Join(dir, m+".so")); err != nil {
			if optional[m] {
				continue
			}
			return "", fmt.Errorf("this Asterisk has no module %s in %s: install a complete Asterisk 20 or newer", m, dir)
		}
		fmt.Fprintf(&b, "load = %s.so\n", m)
	}
	return b.String(), nil
}
