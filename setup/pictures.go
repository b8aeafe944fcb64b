package setup

// The wirings, no wider than a telephone's screen.
const (
	adapterPicture = `telephone line, or the
router's telephone socket
        │
        │ LINE
   ┌────┴────┐  home   ┌───────────┐
   │  HT813  ├─────────┤ Ringfence │
   └────┬────┘ network └───────────┘
        │ PHONE
  the old telephones`

	providerPicture = `provider on the internet
        │
   ┌────┴────┐         ┌───────────┐
   │ router  ├─────────┤ Ringfence │
   └────┬────┘         └───────────┘
        │ home network
  SIP telephones, or an adapter
  with the old telephones`

	routerPicture = `telephone line
        │
 ┌──────┴──────┐       ┌───────────┐
 │  FRITZ!Box  ├───────┤ Ringfence │
 └──────┬──────┘       └───────────┘
        │ home network
  SIP telephones, or an adapter
  with the old telephones`
)
