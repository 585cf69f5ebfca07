package authtest

// Literal messages of the service about the look of its pages, as observed in
// public code and issues.
const (
	msgUINeedsDomain    = "There has to be an existing domain associated with this user pool"
	msgBrandingSettings = "useCognitoProvidedValues or settings should be specified (but not both)"
)

// Messages whose wording was never published.
const (
	msgCSSSyntax         = "Invalid CSS: it is not a list of rules"
	msgCSSStatement      = "Invalid CSS: @import, @supports, @page, @media and the like are not allowed"
	msgCSSSelector       = "Invalid CSS: %q is not among the classes that can be customized"
	msgCSSScript         = "Invalid CSS: scripts are not allowed"
	msgLogoType          = "Invalid image: it has to be a PNG or JPEG file"
	msgBrandingExists    = "The app client has a managed login branding style already."
	msgBrandingNotFound  = "Managed login branding style %s does not exist."
	msgBrandingOfClient  = "The app client has no managed login branding style."
	msgBrandingAssets    = "Assets cannot be specified with useCognitoProvidedValues"
	msgBrandingDocument  = "Settings must be a JSON object"
	msgTermsExist        = "The app client has a terms document with the name %s already."
	msgTermsNotFound     = "Terms document %s does not exist."
	msgTermsLink         = "The link for %s is not an address of the web"
	msgLogSourceTwice    = "Only one log configuration is allowed for each event source"
	msgLogConfiguration  = "userNotification needs ERROR and a log group, userAuthEvents INFO and exactly one destination"
	msgTierLogs          = "Logs of userAuthEvents are not available in the tier of the user pool"
	msgBrandingAssetGone = "Resource %s does not exist, and the asset has no bytes"
)
