package setup

// The wirings, no wider than a phone's screen.
const (
	adapterPicture = `phone line, or the
router's phone socket
        │
        │ LINE
   ┌────┴────┐  home   ┌───────────┐
   │  HT813  ├─────────┤ Ringfence │
   └────┬────┘ network └───────────┘
        │ PHONE
  the old phones`

	providerPicture = `provider on the internet
        │
   ┌────┴────┐         ┌───────────┐
   │ router  ├─────────┤ Ringfence │
   └────┬────┘         └───────────┘
        │ home network
  SIP phones, or an adapter
  with the old phones`

	routerPicture = `phone line
        │
 ┌──────┴──────┐       ┌───────────┐
 │  FRITZ!Box  ├───────┤ Ringfence │
 └──────┬──────┘       └───────────┘
        │ home network
  SIP phones, or an adapter
  with the old phones`
)
