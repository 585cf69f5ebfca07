package authtest

// lookShapes are the shapes that the operations on the look of pages, on what
// pages lead to, and on logs use.
func lookShapes() map[string]*shape {
	const uuid = `^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[4][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$`
	list := func(low, high int, of string) *shape { return &shape{collection: true, min: low, max: high, of: of} }
	return map[string]*shape{
		"UUID":      {pattern: uuid},
		"CSS":       {},
		"ImageFile": {max: 131072},

		"AssetCategory": {enum: []string{
			"FAVICON_ICO", "FAVICON_SVG", "EMAIL_GRAPHIC", "SMS_GRAPHIC", "AUTH_APP_GRAPHIC", "PASSWORD_GRAPHIC", "PASSKEY_GRAPHIC",
			"PAGE_HEADER_LOGO", "PAGE_HEADER_BACKGROUND", "PAGE_FOOTER_LOGO", "PAGE_FOOTER_BACKGROUND", "PAGE_BACKGROUND",
			"FORM_BACKGROUND", "FORM_LOGO", "IDP_BUTTON_ICON",
		}},
		"ColorMode":      {enum: []string{"LIGHT", "DARK", "DYNAMIC"}},
		"AssetExtension": {enum: []string{"ICO", "JPEG", "PNG", "SVG", "WEBP"}},
		"AssetBytes":     {max: 1000000},
		"ResourceId":     {min: 1, max: 40, pattern: `^[\w\- ]+$`},
		"Assets":         list(0, 40, ""),

		"TermsName":        {pattern: `^(terms-of-use|privacy-policy)$`},
		"TermsSource":      {enum: []string{"LINK"}},
		"TermsEnforcement": {enum: []string{"NONE"}},
		"TermsLinks":       {collection: true, min: 1, max: 13, key: "TermsLanguage", of: "TermsLink"},
		"TermsLanguage": {pattern: `^cognito:(default|dutch|english|french|spanish|german|bahasa-indonesia|italian|japanese|korean|` +
			`portuguese-brazil|chinese-(simplified|traditional))$`},
		"TermsLink": {min: 1, max: 1024, pattern: `^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$`},

		"LogLevel":          {enum: []string{"ERROR", "INFO"}},
		"EventSource":       {enum: []string{"userNotification", "userAuthEvents"}},
		"S3Arn":             {min: 3, max: 1024, pattern: `arn:[\w+=/,.@-]+:[\w+=/,.@-]+:::[\w+=/,.@-]+(:[\w+=/,.@-]+)?(:[\w+=/,.@-]+)?`},
		"LogConfigurations": list(0, 2, ""),
	}
}
